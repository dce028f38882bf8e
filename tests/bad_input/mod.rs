//! Input that is wrong: each case says what to do, ends with its exit code, and leaves the rest of the batch done.

mod disk;
mod files;
mod jobs;
mod names;
mod packs;
mod sheets;
