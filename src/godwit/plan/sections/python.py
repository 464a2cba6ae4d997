"""`surfaces.python`: the modules and names that users import; says nothing about how they are compared."""

from godwit.plan.sections.words import Id, Section, Text


class PythonName(Section):
    """A Python name that users import, and where it lives now if it moved."""

    id: Id
    baseline: Text
    candidate: Text
    call: str | None = None


class PythonSurface(Section):
    """Python: modules and callables."""

    modules: tuple[Text, ...] = ()
    callables: tuple[PythonName, ...] = ()
