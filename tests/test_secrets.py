"""No secret is shown, whatever its name, its form and the format of the answer."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checker import rules, secrets
from checker.authoring import explain
from checker.authoring.redact.redact import redact
from checker.conditions import compile as compile_condition
from checker.evaluate.detection.evidence import Evidence
from checker.model import (
    DetectionRule,
    Finding,
    Group,
    Location,
    Ranking,
    Report,
    Statistics,
    Status,
    Unreadable,
)
from checker.reports import json as json_report
from checker.reports import jsonl, sarif, segments, text, top
from checker.secret_forms import FORMS as PATTERNS
from checker.secret_names import SecretName, classify

SECRET = "hunter2-Xy9"

SECRET_NAMES = """
password Password PASSWORD PaSsWoRd masterUserPassword MasterUserPassword passwd
master_user_password MASTERUSERPASSWORD dbPassword tdeCredentialPassword passwordData
SecretString secretBinary secretAccessKey AWS_SECRET_ACCESS_KEY secretaccesskey
sessionToken sessiontoken X-Amz-Security-Token X-Amz-Signature X-Amz-Credential
clientSecret client_secret clientSecretValue secretHash webhookSecret privateKey
authParameters userData UserData user_data accessToken idToken refreshToken token
tokenValue authToken oauthToken githubToken Authorization proxyAuthorization cookie
Set-Cookie x-api-key apiKey api_key encryptionKey signingKey keyMaterial plaintext
passphrase credential credentials DB_PASS DB_PWD preSharedKey connectionString
accountKey sharedAccessKey serviceAccountKey authorizationCode confirmationCode
""".split()

OPEN_NAMES = """
accessKeyId AccessKeyId accesskeyid keyId KeyId keyName KeyName kmsKeyId kmskeyid kmsKey
KMSMasterKeyID SSEKMSKeyId KmsKeyArn secretId secretid secretArn SecretARN secretName
publicKey PublicKey sSHPublicKey sSHPublicKeyId key Key keys tagKey tag-key parameterKey
tokenType tokenValidityUnits refreshTokenValidity passwordPolicy passwordResetRequired
MinimumPasswordLength PasswordReusePrevention password_last_used access_key_1_active
credentialsIssuedTo sessionCredentialFromConsole authFlow ExplicitAuthFlows
authorizerType certificateArn certificateBody author keyPrefix routeKey partitionKey
objectKey deviceKey keySpec keyUsage keyPairId keyFingerprint accessKeyMetadata
accessKeyLastUsed clientSecretId userName principalId eventName monkey secretsmanager
subjectFromWebIdentityToken
token.actions.githubusercontent.com:sub token.actions.githubusercontent.com
""".split()


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_value_with_the_name_of_a_secret_is_hidden(name: str) -> None:
    shown = secrets.hide({"a": [{name: SECRET}], name: {"inner": [SECRET, 123456]}})

    assert classify(name) is SecretName.SECRET
    assert SECRET not in str(shown)
    assert "123456" not in str(shown)


@pytest.mark.parametrize("name", OPEN_NAMES)
def test_a_value_with_another_name_stays(name: str) -> None:
    assert secrets.hide({name: "shown"}) == {name: "shown"}


MASKED = [
    "HIDDEN_DUE_TO_SECURITY_REASONS",
    "***",
    "****************ABCD",
    "<sensitiveDataRemoved>",
    "AKIAIOSFODNN7EXAMPLE",
    "ASIAIOSFODNN7EXAMPLE",
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-AbCdEf",
    "{{resolve:secretsmanager:prod/db}}",
    "true",
    "required",
    "",
]


@pytest.mark.parametrize("value", MASKED)
def test_masks_ids_and_references_stay_under_the_name_of_a_secret(value: str) -> None:
    shown = {"password": value, "httpTokens": [value], "secret": {"a": value}}

    assert secrets.hide(shown) == shown


OBJECTS: list[dict[str, Any]] = [
    {"environment": {"variables": {"STAGE": SECRET, "DB_NAME": SECRET}}},
    {"Environment": {"Variables": {"anything": SECRET}}},
    {"environment": [{"name": "STAGE", "value": SECRET}]},
    {"environmentVariables": [{"name": "X", "value": SECRET, "type": "PLAINTEXT"}]},
    {"environmentVariablesOverride": [{"name": "X", "value": SECRET}]},
    {"containerDefinitions": [{"environment": [{"name": "X", "value": SECRET}]}]},
    {"environment": {"environmentVariables": [{"name": "X", "value": SECRET}]}},
    {"tags": [{"key": "db-password", "value": SECRET}]},
    {"Tags": [{"Key": "DbPassword", "Value": SECRET}]},
    {"parameters": [{"parameterKey": "DbPassword", "parameterValue": SECRET}]},
    {"headers": [{"name": "X-Api-Key", "value": SECRET}]},
    {"name": "/prod/db", "type": "SecureString", "value": SECRET},
    {"headerParameters": [{"key": "k", "value": SECRET, "isValueSecret": True}]},
    {"apiKeyAuthParameters": {"apiKeyName": "k", "apiKeyValue": SECRET}},
    {"attribute": {"userData": {"value": SECRET}}},
    {"policy": json.dumps({"a": [{"name": "DB_PASSWORD", "value": SECRET}]})},
    {"deep": json.dumps(json.dumps({"password": SECRET}))},
    {"a": {"b": {"token": SECRET}}},
    {"raw": "told: " + json.dumps({"password": [SECRET, {"a": SECRET}]})},
    {"cut": json.dumps({"password": [SECRET, {"a": {"b": 1}}, SECRET]})[:-2]},
]


@pytest.mark.parametrize("value", OBJECTS, ids=str)
def test_the_object_around_a_value_says_what_it_is(value: dict[str, Any]) -> None:
    assert SECRET not in json.dumps(secrets.hide(value))


def test_what_is_beside_a_secret_stays() -> None:
    credentials = {
        "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "secretAccessKey": SECRET,
        "sessionToken": SECRET,
        "expiration": "Nov 21, 2026",
    }

    assert secrets.hide({"credentials": credentials}) == {
        "credentials": credentials
        | {"secretAccessKey": secrets.MASK, "sessionToken": secrets.MASK}
    }


TEXTS = [
    "password=@",
    "PASSWORD:@",
    "password: @",
    "password => '@'",
    'export DB_PASSWORD="@"',
    '$env:PASSWORD = "@"',
    "--master-user-password @ --apply-immediately",
    "--password=@",
    '{"password":"@"}',
    'see {"password": "@"} there',
    '{\\"password\\":\\"@\\"}',
    "{'password': '@'}",
    "<password>@</password>",
    "requestParameters.password == '@'",
    "postgres://bob:@@db.example.com/x",
    "redis://:@@db.example.com:6379",
    "jdbc:mysql://db.example.com/x?user=bob&password=@",
    "https://example.com/?token=@&page=1",
    "https://example.com/#access_token=@",
    "https://example.com/x?X-Amz-Credential=@&X-Amz-Signature=@&X-Amz-Date=1",
    "Server=x;Password=@;Database=y",
    "Name=DB_PASSWORD,Value=@",
    "ParameterKey=DbPassword,ParameterValue=@",
    "name: DB_PASSWORD\n  value: @",
    "curl -u bob:@ https://example.com",
    "Authorization: Bearer @",
    "%7B%22password%22%3A%22@%22%7D",
    "mysql -u root -p@ x",
]


@pytest.mark.parametrize("template", TEXTS)
def test_secrets_inside_text_are_hidden(template: str) -> None:
    told = template.replace("@@", "\0@").replace("@", SECRET).replace("\0", "")
    if "://" in template and "@@" in template:
        told = template.replace("@@", f"{SECRET}@")
    shown = secrets.hide_text(told)

    assert SECRET not in shown
    assert secrets.MASK in shown
    assert secrets.hide_text(shown) == shown


FORMS = [
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcDEF_-123",
    "ghp_" + "a1B2" * 9,
    "github_pat_" + "a1B2" * 9,
    "xoxb-123456789012-abcdefgh",
    "sk_live_" + "aB1" * 8,
    "FwoGZXIvYXdzEBYaDEXAMPLE/abc==",
    "IQoJb3JpZ2luX2VjEXAMPLE/abc==",
    "AIza" + "Sy1" * 12,
    "$6$rounds=5000$abcdefgh$" + "aB1" * 12,
    *[f"dp.{kind}.{'aB1' * 12}" for kind in ("pt", "st", "ct", "sa")],
]


@pytest.mark.parametrize("secret", FORMS)
@pytest.mark.parametrize("template", ["{}", "x {} y", '"{}"', "k={}", "k: {};", "({})"])
def test_forms_of_known_secrets_are_hidden(secret: str, template: str) -> None:
    assert secret not in secrets.hide_text(template.format(secret))


DENIED = (
    "User: arn:aws:iam::123456789012:user/bob is not authorized to perform: "
    "secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:us-east-1:"
    "123456789012:secret:x because no identity-based policy allows it"
)
OPEN_TEXTS = [
    DENIED,
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-AbCdEf",
    "AROAIOSFODNN7EXAMPLE:session",
    "AKIAIOSFODNN7EXAMPLE",
    "The security token included in the request is invalid",
    "keyId=1234 secretId=prod/db password=*** token=HIDDEN_DUE_TO_SECURITY_REASONS",
    "aws-cli/2.15 Python/3.11 exe/x86_64.amzn.2 command/iam.create-user",
    "Basic authentication failed",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "AWSLogs/123456789012/CloudTrail/us-east-1/2026/11/29/a.json.gz",
    "https://sts.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
    "git@github.com:example/x.git",
    "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
    '{"Statement": [{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue"}]}',
]


@pytest.mark.parametrize("told", OPEN_TEXTS)
def test_other_text_stays_as_it_is(told: str) -> None:
    assert secrets.hide_text(told) == told


def test_the_rules_texts_name_secrets_without_being_any() -> None:
    logic = {"selection": "requestParameters.masterUserPassword"}

    assert secrets.hide_text(logic["selection"]) == logic["selection"]


# --- every format -------------------------------------------------------------------

WORDS = st.sampled_from("db master user app old new my prod oauth web".split())
STEMS = st.sampled_from(
    "password|secret|token|private key|api key|secret access key|credential|"
    "authorization|cookie|user data|session token|client secret|passphrase".split("|")
)
SPELLINGS: list[Callable[[list[str]], str]] = [
    lambda words: words[0] + "".join(word.title() for word in words[1:]),
    lambda words: "".join(word.title() for word in words),
    "_".join,
    lambda words: "_".join(words).upper(),
    "-".join,
    lambda words: "-".join(word.title() for word in words),
    "".join,
]
NAMES = st.builds(
    lambda before, stem, spell: spell([*before, *stem.split()]),
    st.lists(WORDS, max_size=2),
    STEMS,
    st.sampled_from(SPELLINGS),
)
SHAPES: list[Callable[[str, str], Any]] = [
    lambda name, secret: {name: secret},
    lambda name, secret: {name: [secret]},
    lambda name, secret: {name: {"value": secret}},
    lambda name, secret: [{"name": name, "value": secret}],
    lambda name, secret: {"Tags": [{"Key": name, "Value": secret}]},
    lambda name, secret: {"environment": {"variables": {name: secret}}},
    lambda name, secret: json.dumps({name: secret}),
    lambda name, secret: json.dumps([{"name": name, "value": secret}], indent=1),
    lambda name, secret: f"run --{name} {secret} --now",
    lambda name, secret: f"export {name}={secret}; go",
    lambda name, secret: f"https://bob:{secret}@example.com/?{name}={secret}&a=1",
    lambda name, secret: {"a": {"b": [{"c": f'x {{"{name}": "{secret}"}}'}]}},
    lambda name, secret: {"deep": {name: {"deeper": {"still": secret}}}},
]
PLACES = ["requestParameters", "responseElements", "additionalEventData"]
SECRETS = st.builds("hunter2{}".format, st.integers(10**6, 10**9))

RULE = """\
title: Anything
name: anything
id: 11111111-2222-4333-8444-000000000001
status: experimental
level: high
logsource: {product: aws, service: cloudtrail}
detection:
  any: eventName
  condition: any || requestParameters.b || responseElements.b || userAgent
fields:
  - requestParameters
  - responseElements
  - additionalEventData
  - requestParameters.value
  - requestParameters.environment.variables
  - '[requestParameters, responseElements]'
"""


@pytest.fixture(scope="module")
def rule(tmp_path_factory: pytest.TempPathFactory) -> DetectionRule:
    folder = tmp_path_factory.mktemp("rules")
    (folder / "anything.yml").write_text(RULE)
    (loaded,) = rules.load([folder])
    assert isinstance(loaded, DetectionRule)
    return loaded


@given(NAMES, st.sampled_from(SHAPES), st.sampled_from(PLACES), SECRETS)
def test_no_format_shows_a_secret(
    rule: DetectionRule,
    name: str,
    shape: Callable[[str, str], Any],
    place: str,
    secret: str,
) -> None:
    event = {
        "eventName": "CreateThing",
        "eventID": "1",
        "userAgent": f"x --{name}={secret}",
        place: shape(name, secret),
    }

    for written in answers(rule, event, shape(name, secret)):
        assert secret not in written
    assert secret not in json.dumps(redact([event]))


def answers(rule: DetectionRule, event: dict[str, Any], raw: Any) -> Iterator[str]:
    """What each format and command makes of an event, and of any value."""
    found = Evidence(rule).of(event)
    told = raw if isinstance(raw, str) else json.dumps(raw)
    for evidence in (
        found,
        {"raw": raw, **{place: event.get(place) for place in PLACES}},
    ):
        finding = Finding(
            rule=rule,
            status=Status.FAIL,
            subject={"type": "event", "id": "1", "principal": told},
            location=Location("a.json", 0),
            evidence=evidence,
            message=f"{rule.title}: {told}",
            fingerprint="0" * 64,
        )
        report = Report(
            findings=[finding],
            statistics=Statistics(),
            problems=(Unreadable("a.json", 1, f"not a record: {told}"),),
            notes=(told,),
        )
        for write in (json_report.render, jsonl.render, sarif.render, text.render):
            yield "".join(write(report))
    yield "".join(segments.plain(explain.explain_event(rule, event)))
    ranking = Ranking(
        fields=("requestParameters",),
        bucket=None,
        groups=(Group((json.dumps(raw).encode(),), 1, ()),),
        counted=1,
        distinct=1,
        low=0,
        statistics=Statistics(),
        problems=(),
        notes=(),
    )
    for write_top in top.FORMATS.values():
        yield "".join(write_top(ranking))


def test_a_path_to_a_value_is_read_with_what_is_beside_it() -> None:
    event = {
        "a": {"name": "DB_PASSWORD", "value": SECRET},
        "b": [{"key": "token", "value": SECRET}, {"key": "Stage", "value": "prod"}],
        "environment": [{"name": "Stage", "value": SECRET}],
        "c": {"value": "shown"},
    }

    def shown(path: str) -> Any:
        read, present = secrets.reading(path)
        return present(compile_condition(read)(event))

    assert shown("a.value") == secrets.MASK
    assert shown("b[].value") == [secrets.MASK, "prod"]
    assert shown("environment[].value") == [secrets.MASK]
    assert shown("c.value") == "shown"
    assert shown("join(',', b[].value)") == secrets.MASK


@pytest.mark.parametrize(
    "unit",
    """
    a password :// a: eyJ " name=a, --a= -----BEGIN{}PRIVATE{}KEY----- password='
    password=\\" mysql{}-p A1b -u{}a: %22 password=& ://a: [ {"a": password=[
    """.split(),
)
def test_a_long_text_takes_time_in_proportion(unit: str) -> None:
    def seconds(size: int) -> float:
        told = (unit.replace("{}", " ") * size)[:size]
        start = time.process_time()
        secrets.hide_text(told)
        return time.process_time() - start

    small = max(min(seconds(7_000) for _ in range(3)), 0.002)
    assert min(seconds(28_000) for _ in range(3)) < small * 12


def test_what_is_nested_deeper_than_any_event_is_cut() -> None:
    value: Any = SECRET
    for _ in range(900):
        value = [value]

    assert SECRET not in str(secrets.hide({"password": value}))


NAMING = st.sampled_from(
    "password Secret token db_password api-key ns:secret aäpassword passwordä AuthCode"
    " CreateSecret userData other i-0123 arn:aws:iam::1:role/secret".split()
)
AROUND = st.sampled_from(
    [
        "",
        " ",
        "  ",
        "\t",
        "-",
        "--",
        "<",
        ">",
        "=",
        ": ",
        " = ",
        '"',
        "\\",
        "/",
        "a",
        "\n",
        "-u",
        "--proxy-user",
        "x:",
    ]
)
VALUES = st.sampled_from(["hunter2x", "Zm9vYmFy", "by", "", "arn:aws:iam::1:role/x"])


# What looks ahead for three kinds of characters is not drawn in time; one look takes
# any forty of these.
@pytest.mark.parametrize("pattern", [x for x in PATTERNS if "{40}" not in x.pattern])
@given(st.data())
def test_one_look_sees_each_form(pattern: re.Pattern[str], data: st.DataObject) -> None:
    text = data.draw(st.from_regex(pattern))
    look = secrets._searching(secrets._FORM)

    assert look(text.encode(errors="replace")), text


@example("--api-key\thunter2x")
@example("-a:token hunter2x")
@example("<ns:secret>hunter2x</ns:secret>")
@example("curl -uadmin:hunter2x https://example.com")
@example("curl --useradmin:hunter2x")
@example("MTIzNDU2Nzg5MDEyMzQ1Njc4é.Gabcde.abcdefghijklmnopqrstuvwxyz0")
@example('["--password hunter2x"]')
@example('{"a": "--token hunter2x", "b": ["password=hunter2x"')
@example("%7B--token hunter2x")
@given(st.lists(st.one_of(NAMING, AROUND, VALUES), max_size=12).map("".join))
@settings(max_examples=100)
def test_a_text_that_one_look_clears_has_nothing_to_hide(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "_searching", lambda _: lambda _: True)
        thorough = secrets._hidden(text, secrets.MASK)

    assert secrets._hidden(text, secrets.MASK) == thorough
