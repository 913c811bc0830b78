"""The building blocks of the scenario models: strict models, short forms, durations, maps by class."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, GetPydanticSchema, model_validator
from pydantic_core import PydanticCustomError, core_schema

from simgov import clock
from simgov.errors import cut, unknown
from simgov.language import OR, Message, message, together

MOST, SMALLEST = 10**12, 1e-6  # numbers beyond are slips, and would not fit into the arrays of a plan
LONGEST_NAME = 1000  # characters of the name of a file with its folders
OTHER = "other"  # in a map by class: every class that is not named
T = TypeVar("T")


def complain(said: str) -> PydanticCustomError:
    """An error whose text reaches the user word for word."""
    return PydanticCustomError("simgov", "{message}", {"message": said})


class Strict(BaseModel):
    """A frozen model that refuses unknown keys.

    `SHORT` names the JSON types of a short form that `from_short` turns into the full mapping, such as
    `people: 4` for `people: {each: 4}`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)
    SHORT: ClassVar[tuple[str, ...]] = ()
    WORDS: ClassVar[tuple[str, ...]] = ()  # the texts that a short form may be; any, if empty

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return value

    @model_validator(mode="before")
    @classmethod
    def _accept_short(cls, value: Any) -> Any:
        if isinstance(value, (dict, cls)):
            return value
        full = cls.from_short(value)
        if not isinstance(full, (dict, cls)):
            allowed = together((message("a mapping"), *(SHORT_WORDS[s] for s in cls.SHORT if s != "string" or not cls.WORDS), *(f"'{word}'" for word in cls.WORDS)), OR)
            raise complain(message("must be {allowed}, got {given}", allowed=allowed, given=shown(value)))
        return full

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: Any) -> Any:
        schema = handler(core)
        if not cls.SHORT:
            return schema
        title = handler.resolve_ref_schema(schema).get("title", cls.__name__)
        return {"title": title, "anyOf": [*({"type": kind} for kind in cls.SHORT), schema]}


SHORT_WORDS = {
    "string": message("a text"), "number": message("a number"), "integer": message("a whole number"), "array": message("a list"), "boolean": message("true or false"),
}  # fmt: skip


def shown(value: Any, most: int = 60) -> str:
    """A value in an error message, cut to a bearable length."""
    if isinstance(value, dict):
        return message("a mapping with {keys}", keys=together([str(k)[:20] for k in list(value)[:4]] or [message("nothing in it")]))
    if isinstance(value, list):
        return message("a list of {n}", n=len(value))
    if isinstance(value, int) and value.bit_length() > 1000:
        return message("a number of hundreds of digits")
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return cut(text, most)


def _seconds(value: Any) -> int:
    try:
        return clock.seconds(value)
    except ValueError as error:
        raise complain(error.args[0]) from None


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise complain(message("must be a number, got {given}", given=shown(value)))
    if value != value or value in (float("inf"), float("-inf")):
        raise complain(message("must be a finite number"))
    if abs(value) > MOST:
        raise complain(message("a number beyond {most:,} is surely a slip, got {given}", most=MOST, given=shown(value)))
    return value


def _positive(value: Any) -> Any:
    value = _number(value)
    if 0 < value < SMALLEST:
        raise complain(message("a number below {least:g} is surely a slip, got {value}", least=SMALLEST, value=value))
    return value


def _whole(value: Any) -> Any:
    value = _number(value)
    if value != int(value):
        raise complain(message("must be a whole number, got {value}", value=value))
    return int(value)


WRITTEN = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T]((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?))?", re.ASCII)
ZONED = re.compile(WRITTEN.pattern + r"\s*(?:(?![AaPp][Mm])[A-Za-z]{1,5}|(?:UTC|GMT)?[+\-\u2212]\d\d?(?::?\d\d)?)(?:\[.*\])?", re.ASCII)


def day(value: Any) -> date:
    """A date as a file may give it."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    found = _local(value, message("must be a date that exists, such as 2022-05-01, got {given}"))
    if found.time() != time() or (isinstance(value, str) and len(value) > len("2022-05-01")):
        raise complain(message("must be a date without a time, got {value}", value=value))
    return found.date()


def moment(value: Any) -> datetime:
    """A date (its 00:00) or a local date and time as a file may give it."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    return _local(value, message("must be a date or a local date and time, such as 2022-05-01 08:30, got {given}"))


def _local(value: Any, otherwise: Message) -> datetime:
    """What is written as it stands: of two times with offsets nobody could say which comes first here, so they are refused."""
    text = value.isoformat(" ") if isinstance(value, datetime) else str(value)
    if ZONED.fullmatch(text):
        raise complain(message("must be a local time such as 2022-05-01 08:30, as a scenario has no time zone, got {given}", given=shown(value)))
    try:
        found = clock.without_noise(datetime.fromisoformat(text if WRITTEN.fullmatch(text) else ""))
    except (ValueError, OverflowError):
        raise complain(Message(otherwise, {"given": shown(value)})) from None
    if found.microsecond:
        raise complain(message("must be a whole second, such as 2022-05-01 08:30:15, got {given}", given=shown(value)))
    return found


Duration = Annotated[
    int,
    GetPydanticSchema(
        lambda _source, _handler: core_schema.no_info_plain_validator_function(
            _seconds, serialization=core_schema.plain_serializer_function_ser_schema(lambda s: f"{s} s")
        ),
        lambda _core, handler: {
            "type": ["string", "integer"],
            "description": "A duration with a unit: 30 min, 8h, 2 days, 1d 4h, PT90M, 8小时.",
        },
    ),
]
def _file_name(value: str) -> str:
    if not value.strip() or len(value) > LONGEST_NAME:
        raise complain(message("must be the name of a file, got {given}", given=shown(value)))
    return value


FileName = Annotated[str, AfterValidator(_file_name)]
Day = Annotated[date, BeforeValidator(day)]
Moment = Annotated[datetime, BeforeValidator(moment)]
Real = Annotated[float, BeforeValidator(_number)]
Whole = Annotated[int, BeforeValidator(_whole)]
Chance = Annotated[float, Field(ge=0, le=1), BeforeValidator(_number)]
Share = Chance
Positive = Annotated[float, Field(gt=0), BeforeValidator(_positive)]
NotNegative = Annotated[float, Field(ge=0), BeforeValidator(_number)]
Count = Annotated[int, Field(ge=0), BeforeValidator(_whole)]
Some = Annotated[int, Field(ge=1), BeforeValidator(_whole)]


class Text(Strict):
    """A label in English and Chinese; a bare text serves for both."""

    SHORT = ("string",)
    en: str = Field("", description="In English.")
    zh: str = Field("", description="In Chinese.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"en": value, "zh": value} if isinstance(value, str) else value

    def say(self, lang: str = "en") -> str:
        return (self.zh or self.en) if lang == "zh" else (self.en or self.zh)


def _spread(value: Any, info: Any) -> Any:
    classes = (*(info.context or {}).get("classes", ()), OTHER)
    if not isinstance(value, dict) or not any(key in classes for key in value):
        return {OTHER: value}
    for key in value:  # no class has the name of a field or an outcome, so all keys must be classes
        if key not in classes:
            raise complain(unknown("class", key, classes))
    return value


class _ByClass(Generic[T]):
    """`ByClass[T]` is T for all classes, or a map from class names (and `other`) to T."""

    def __class_getitem__(cls, item: Any) -> Any:
        return Annotated[
            dict[str, item],
            BeforeValidator(_spread),
            GetPydanticSchema(
                get_pydantic_json_schema=lambda core, handler: _either(handler(core)),
            ),
        ]


def _either(schema: dict[str, Any]) -> dict[str, Any]:
    item = schema["additionalProperties"]
    return {"anyOf": [item, schema]}


ByClass = _ByClass


def for_class(values: dict[str, T], name: str) -> T | None:
    """The value of a map by class that holds for one class."""
    return values.get(name, values.get(OTHER))
