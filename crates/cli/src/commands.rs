//! One file per subcommand.

pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod choose;
pub(crate) mod compare;
pub(crate) mod demo;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod handover;
pub(crate) mod init;
pub(crate) mod lottery;
pub(crate) mod matching;
pub(crate) mod menu;
pub(crate) mod raw;
pub(crate) mod serve;
pub(crate) mod suggest;
pub(crate) mod verify;
pub(crate) mod who;
