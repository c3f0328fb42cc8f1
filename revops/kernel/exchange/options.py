"""What somebody says about a file that the file does not say itself."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from revops.kernel.exchange.dates import FORMATS
from revops.kernel.exchange.delimiters import named_delimiter
from revops.kernel.exchange.findings import FileRefused, Located, shown


@dataclass(frozen=True, slots=True)
class Options:
    """The choices of one import. Empty means: as the file or the mapping says, and ask where they do not.

    `date_format` is dmy, mdy or ymd; `decimal` the decimal sign; `migration` overrules the mapping's own default;
    `header_line` is the line of the file that names its columns.
    """

    encoding: str = ""
    delimiter: str = ""
    date_format: str = ""
    decimal: str = ""
    migration: bool | None = None
    header_line: int = 1

    def checked(self) -> "Options":
        """Return the options with the separator as its sign. Raises FileRefused naming each that does not fit."""
        found: list[Located] = []
        delimiter = self.delimiter
        try:
            delimiter = named_delimiter(delimiter) if delimiter else ""
        except LookupError as error:
            found.append(Located("IMP-006", str(error), found=shown(delimiter)))
        if self.date_format not in ("", *FORMATS):
            needed = "one of " + ", ".join(f"{form} ({example})" for form, example in FORMATS.items())
            found.append(
                Located(
                    "IMP-121", "The date format is not known.", found=shown(self.date_format), needed=needed
                )
            )
        if self.decimal not in ("", ".", ","):
            found.append(
                Located(
                    "IMP-120",
                    "The decimal sign is not known.",
                    found=shown(self.decimal),
                    needed="“.” or “,”",
                )
            )
        if found:
            raise FileRefused(found)
        return replace(self, delimiter=delimiter)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
