//! How sure filing must be for each user, and the languages their scans are read in.

mod change;
mod languages;
mod model;
mod show;
mod store;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use languages::{check_languages, languages_of};
pub use model::Thresholds;
pub use store::thresholds;

use crate::app::AppState;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(show::show, change::change))
}
