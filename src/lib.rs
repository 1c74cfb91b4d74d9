//! peermatch (being written)
