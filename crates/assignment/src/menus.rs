//! The check that menus are safe whatever is picked, and what they can cost.
