"""One HTTP request as a plan writes it; says nothing about what is made of it."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from godwit.plan.sections.words import Id, Path, Section

Place = Annotated[str, StringConstraints(pattern=r"^(/.*|@headers/[A-Za-z0-9_-]+)?$")]
"""Where in an answer: a JSON Pointer (RFC 6901) into its body, or `@headers/<name>`."""


def _inside(path: str) -> str:
    if path.startswith("//"):
        raise ValueError(f"{path!r} names a host, and a request asks the plan's own stacks; write the path alone")
    return path


UrlPath = Annotated[Path, AfterValidator(_inside)]
"""The path and query of a request; never another host."""


class Request(Section):
    """One HTTP request; `{name}` in path, headers and body is filled from earlier captures of the same side.

    `capture` takes values from the answer: from its body by JSON Pointer, or from a header by `@headers/<name>`.
    """

    method: Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    path: UrlPath
    headers: dict[str, str] = Field(default_factory=dict)
    body: Any = None
    capture: dict[Id, Place] = Field(default_factory=dict)

    @property
    def writes(self) -> bool:
        """Whether the request may change state."""
        return self.method not in ("GET", "HEAD", "OPTIONS")
