//! Several places each: the flow of least cost where lefts want more than one place.
