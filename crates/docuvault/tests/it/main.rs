//! The application, tested from outside: real HTTP, real PostgreSQL, real files. One binary, so that it links once; a folder for
//! each feature, `support` for what all tests stand on.

mod support;

mod gateway;
mod stories;
mod uploads;

mod access_matrix;
mod architecture;
mod audit;
mod auth;
mod events;
mod explain;
mod http;
mod isolation;
mod me;
mod migrations;
mod openapi;
mod topics;
