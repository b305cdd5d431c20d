//! The roles as processes of their own: started together, restarted one after the other, told apart from outside.

mod balancer;
mod database_killed;
mod management;
mod nginx;
mod processes;
mod rolling_restart;
mod starting;
mod two_apis;
