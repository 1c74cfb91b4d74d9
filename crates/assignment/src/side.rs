//! Side constraints: what is not a flow, stated as rows over pairs, with the check of a result and of its bound.
