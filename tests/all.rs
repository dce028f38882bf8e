//! Tests of the program as people run it. One binary, since each links polars again.

mod bad_input;
mod calendar;
mod cli;
mod copies;
mod desk;
mod feedback;
mod fix;
mod ledger;
mod money;
mod packs;
mod planted;
mod reliability;
mod repeatable;
mod rules;
mod sample;
