"""Where findings on things within other things stand."""

from __future__ import annotations

from pathlib import Path

from checker import rules
from checker.run.audit import audit as run_audit

PACK = Path(__file__).parents[2] / "rules/configurations/cognito"

TEMPLATE = """\
Resources:
  Pool:
    Type: AWS::Cognito::UserPool
    Properties: {UserPoolName: shop}
  Client:
    Type: AWS::Cognito::UserPoolClient
    Properties:
      UserPoolId: !Ref Pool
      ExplicitAuthFlows: [ALLOW_USER_PASSWORD_AUTH]
"""


def test_an_app_client_without_an_id_stands_where_its_pool_does(tmp_path: Path) -> None:
    template = tmp_path / "template.yml"
    template.write_text(TEMPLATE)

    report = run_audit(rules.load([PACK]), [str(template)])
    (found,) = [
        each
        for each in report.findings
        if each.rule.name == "user_pool_client_takes_plain_passwords"
    ]
    assert found.subject["id"] == "Pool/clients/0"
    assert found.location is not None
    assert found.location.start_line == 2
