//! Ids that cannot be mistaken for one another. All are UUIDv7, so newer is greater; only object names are random (v4).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type, ToSchema)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        #[schema(value_type = Uuid)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Nobody: what belongs to no user, such as a sign-in tried at an unknown address.
            pub const NOBODY: Self = Self(Uuid::nil());

            /// A new id, greater than those made before it.
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// The owner of everything.
    UserId
);
id!(
    /// A signed-in device: one family of refresh tokens.
    SessionId
);
id!(
    /// A personal token for scripts.
    ApiTokenId
);
id!(DocumentId);
id!(UploadId);
id!(TopicId);
