"""A library of the shop that asks OpenFeature; what it prints is nobody's business."""

from openfeature import api


def deals() -> bool:
    """Whether there are deals."""
    print("asked for deals")
    return api.get_client().get_boolean_value("deals", False)
