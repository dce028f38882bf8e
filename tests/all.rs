//! Tests of the program as people run it. One binary, since each links polars again.

mod bad_input;
mod cadence;
mod cli;
mod desk;
mod ledger;
mod money;
mod repeatable;
mod rules;
mod sample;
mod tiers;
