"""Uses OrchestratorSession: a with-block, and what is left at its end."""

from app.core.session_orchestrator import OrchestratorSession, SessionClosedError, open_session


def main() -> None:
    """One good session, one that breaks off, one that is over."""
    with open_session("morning") as session:
        print(session.enlist("ada", ["python"]).enlist("bob", ["sql"]) is session)
        print(session.assign("t1", ["python"]), session.assign("t2", []))
        try:
            session.assign("t3", ["python"])
        except LookupError as error:
            print("nobody", error)
        session.release("t1")
        try:
            session.release("t1")
        except KeyError as error:
            print("gone", error)
        print(session.assign("t3", ["python"]))
    print(session.summary)
    try:
        with OrchestratorSession("evening") as session:
            session.enlist("ada", [])
            session.assign("t", [])
            raise RuntimeError("power cut")
    except RuntimeError as error:
        print(error, session.summary)
    try:
        session.assign("later", [])
    except SessionClosedError as error:
        print(error, isinstance(error, RuntimeError))


if __name__ == "__main__":
    main()
