//! A solution after a change: re-solved from what is there.
