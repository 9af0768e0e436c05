"""What the cases of a rule are worth: do they notice a change?"""
