//! Tests of the program as people run it. One binary, since each links polars again.

mod bad_input;
mod cadence;
mod calendar;
mod cli;
mod copies;
mod desk;
mod feedback;
mod fix;
mod init;
mod ledger;
mod money;
mod month;
mod packs;
mod planted;
mod profile;
mod reliability;
mod repeatable;
mod reports;
mod rules;
mod sample;
mod shipped;
mod tiers;
