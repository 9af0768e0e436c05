"""A reason names what a made-up value stands for, and leaves other text alone."""

from __future__ import annotations

from checker.evaluate.recording.coverage import Need, coverage
from checker.evaluate.recording.made_up import MadeUp, shown
from tests.evaluate.recording.trails import trail


def test_a_made_up_value_is_shown_by_what_it_stands_for() -> None:
    value = MadeUp.of("~eventName~", "any other eventName")

    assert (shown(value), shown("GetObject")) == ("any other eventName", "GetObject")
    assert value == "~eventName~"
    assert hash(value) == hash("~eventName~")


def test_what_a_selector_is_called_is_not_taken_for_a_made_up_value() -> None:
    selector = {
        "Name": "~eventName~ of the bucket",
        "FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
            {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::b/"]},
            {"Field": "eventName", "NotEquals": ["GetObject"]},
        ],
    }
    need = Need("Data", resource_type="AWS::S3::Object", regions=("eu-central-1",))

    first, *_ = coverage([trail(advanced=[selector])], need).gaps

    assert first.endswith(
        "main: any other eventName is excluded by selector "
        "'~eventName~ of the bucket': resources.ARN StartsWith arn:aws:s3:::b/ "
        "(the event has any other resources.ARN)"
    )
