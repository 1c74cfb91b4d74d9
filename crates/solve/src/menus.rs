//! Menus of choice that stay safe whatever is picked.
