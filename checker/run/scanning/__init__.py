"""One scan: inputs and rules in, findings and statistics out."""
