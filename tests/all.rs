//! Tests of the program as people run it. One binary, since each links polars again.

mod bad_input;
mod cli;
mod desk;
mod ledger;
mod money;
mod repeatable;
mod reports;
mod rules;
mod sample;
