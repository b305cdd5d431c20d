//! The table of settings, and the reference page that is made of it.

use std::fmt::Write as _;

/// One thing that can be set.
pub struct Setting {
    pub name: &'static str,
    /// `None`: unset unless given.
    pub default: Option<&'static str>,
    pub secret: bool,
    pub what: &'static str,
}

const fn setting(name: &'static str, default: &'static str, what: &'static str) -> Setting {
    Setting {
        name,
        default: Some(default),
        secret: false,
        what,
    }
}

const fn unset(name: &'static str, secret: bool, what: &'static str) -> Setting {
    Setting {
        name,
        default: None,
        secret,
        what,
    }
}

/// All settings, in the order of the reference page.
pub const SETTINGS: [Setting; 49] = [
    setting(
        "DOCUVAULT_ADDR",
        "127.0.0.1:8080",
        "Address and port to listen on.",
    ),
    unset(
        "DOCUVAULT_PUBLIC_URL",
        false,
        "Where browsers reach the vault, such as `https://vault.example.org`. Default: the address above over http.",
    ),
    setting(
        "DOCUVAULT_MANAGEMENT_ADDR",
        "127.0.0.1:9464",
        "Where `/health`, `/health/live`, `/health/ready` and `/metrics` are answered for whoever runs the vault; not for the public. `off`: nowhere. Of several processes on one machine the first has the default address, and the others need one of their own.",
    ),
    setting(
        "DOCUVAULT_TRUSTED_PROXIES",
        "",
        "Addresses and networks, separated by commas, whose `X-Forwarded-For` is believed, such as `127.0.0.1,10.0.0.0/8`.",
    ),
    setting(
        "DOCUVAULT_DATA_DIR",
        "./data",
        "Holds the private PostgreSQL, the keys and the objects.",
    ),
    unset(
        "DOCUVAULT_SETUP_TOKEN",
        true,
        "Preset token for creating the first account. Default: one is made and printed at start.",
    ),
    unset(
        "DATABASE_URL",
        true,
        "PostgreSQL login as `docuvault_app`. Default: a private PostgreSQL in the data directory.",
    ),
    unset(
        "DATABASE_MIGRATE_URL",
        true,
        "PostgreSQL login as `docuvault_migrate`; read by `docuvault migrate` only.",
    ),
    setting(
        "DOCUVAULT_DATABASE_CONNECTIONS",
        "16",
        "Connections that requests may use at once.",
    ),
    unset(
        "DOCUVAULT_POSTGRES_BIN_DIR",
        false,
        "Where `initdb` and `postgres` are, for the private PostgreSQL. Default: searched for.",
    ),
    unset(
        "DOCUVAULT_S3_ENDPOINT",
        false,
        "S3 store, such as `https://s3.example.org`. Default: objects lie on the local disk, in the data directory.",
    ),
    unset(
        "DOCUVAULT_S3_PUBLIC_ENDPOINT",
        false,
        "Where browsers reach the S3 store, if not there. Must not be the address of the vault itself.",
    ),
    setting(
        "DOCUVAULT_S3_REGION",
        "us-east-1",
        "Region that signatures name.",
    ),
    unset(
        "DOCUVAULT_S3_BUCKET",
        false,
        "Bucket for the objects. It must exist, and belong to this vault alone.",
    ),
    setting(
        "DOCUVAULT_S3_PATH_STYLE",
        "true",
        "`true`: `https://host/bucket/key`, which every store takes; `false`: `https://bucket.host/key`.",
    ),
    unset(
        "DOCUVAULT_S3_ACCESS_KEY",
        true,
        "Key of the vault's own requests: it may read, write, list and delete in the bucket.",
    ),
    unset("DOCUVAULT_S3_SECRET_KEY", true, "Its secret."),
    unset(
        "DOCUVAULT_S3_UPLOAD_ACCESS_KEY",
        true,
        "Key that signs the URLs browsers send to; best one that may only write. Default: the key above.",
    ),
    unset("DOCUVAULT_S3_UPLOAD_SECRET_KEY", true, "Its secret."),
    unset(
        "DOCUVAULT_S3_DOWNLOAD_ACCESS_KEY",
        true,
        "Key that signs the URLs browsers fetch from; best one that may only read. Default: the key above.",
    ),
    unset("DOCUVAULT_S3_DOWNLOAD_SECRET_KEY", true, "Its secret."),
    setting(
        "DOCUVAULT_S3_ACCEPT",
        "",
        "Findings of the store's test that are accepted, separated by commas; each is logged at every start. `docuvault doctor` names them.",
    ),
    setting(
        "DOCUVAULT_PART_BYTES",
        "16777216",
        "Length of a part of a large upload, in bytes; at least 5 MiB. Parts grow where a file would need more than 1,000.",
    ),
    unset(
        "DOCUVAULT_MASTER_KEY_FILE",
        false,
        "File with the master key (64 hexadecimal digits, mode 0600). Default: `secrets/master.key` in the data directory.",
    ),
    setting(
        "DOCUVAULT_ACCESS_TOKEN_SECONDS",
        "600",
        "Life of an access token, in seconds.",
    ),
    setting(
        "DOCUVAULT_SESSION_IDLE_DAYS",
        "14",
        "Days after which an unused session ends.",
    ),
    setting(
        "DOCUVAULT_SESSION_ABSOLUTE_DAYS",
        "90",
        "Days after which any session ends.",
    ),
    setting(
        "DOCUVAULT_REFRESH_GRACE_SECONDS",
        "10",
        "Seconds in which a repeated refresh gets the same answer (0 to 60).",
    ),
    setting(
        "DOCUVAULT_PASSWORD_MEMORY_KIB",
        "19456",
        "Memory one password hash takes, in KiB.",
    ),
    setting(
        "DOCUVAULT_REGISTRATION",
        "invite",
        "Who may sign up: `open` (anyone), `invite` (who was invited) or `closed`.",
    ),
    setting(
        "DOCUVAULT_REQUIRE_TOTP",
        "none",
        "Who must use a second factor: `none`, `admins` or `all`.",
    ),
    setting(
        "DOCUVAULT_TRIES_PER_ACCOUNT",
        "10",
        "Sign-ins that may be tried in a row at one account from unknown devices; after that one every 30 seconds.",
    ),
    setting(
        "DOCUVAULT_TRIES_PER_NETWORK",
        "60",
        "Passwords, links and invites that may be tried in a row from one network; after that one every 2 seconds.",
    ),
    setting(
        "DOCUVAULT_QUOTA_BYTES",
        "10737418240",
        "Quota of a new user, in bytes.",
    ),
    setting(
        "DOCUVAULT_MAX_FILE_BYTES",
        "5368709120",
        "Largest file, in bytes.",
    ),
    setting(
        "DOCUVAULT_UPLOAD_TTL_SECONDS",
        "86400",
        "Seconds an upload may take, pauses included. The URLs it is sent by are good for 15 minutes each and renewed as needed.",
    ),
    setting(
        "DOCUVAULT_SWEEP_GRACE_SECONDS",
        "3600",
        "Seconds after that until an abandoned upload is swept.",
    ),
    setting(
        "DOCUVAULT_DRAIN_SECONDS",
        "0",
        "Seconds between the signal to stop and the end of accepting requests, in which `/health` says 503: time for a load balancer to look elsewhere.",
    ),
    setting(
        "DOCUVAULT_TRASH_DAYS",
        "30",
        "Days a document stays in the trash.",
    ),
    setting(
        "DOCUVAULT_VERIFY_DAYS",
        "90",
        "Days after which a document's bytes are read again and compared with their checksum, a few each hour; `0`: never.",
    ),
    unset(
        "DOCUVAULT_EXTRACT_PROGRAM",
        false,
        "Path of `docuvault-extract`. Default: beside `docuvault`, else on PATH.",
    ),
    setting(
        "DOCUVAULT_OCR_LANGUAGES",
        "eng+deu",
        "tesseract languages to read scans with; those not installed are left out.",
    ),
    setting(
        "DOCUVAULT_READING_CONCURRENCY",
        "2",
        "Documents that are read at once.",
    ),
    setting(
        "DOCUVAULT_AI_ALLOWED_HOSTS",
        "",
        "Hosts, separated by commas, that users may have their papers sent to although they are not public or not reached by https, such as `localhost:11434,ollama,10.0.0.5:8000`.",
    ),
    unset(
        "DOCUVAULT_SMTP_URL",
        true,
        "Mail server, such as `smtp://user:password@mail.example.org:587` (with STARTTLS) or `smtps://…:465`. Default: mail is written to files.",
    ),
    unset(
        "DOCUVAULT_MAIL_FROM",
        false,
        "Sender of mail. Default: `DocuVault <docuvault@…>` at the host of the public address.",
    ),
    unset(
        "DOCUVAULT_MAIL_DIR",
        false,
        "Where mail is written when there is no mail server. Default: `mail` in the data directory.",
    ),
    setting(
        "DOCUVAULT_LOG",
        "info,sqlx=warn",
        "Log filter, such as `info,docuvault=debug`.",
    ),
    setting("DOCUVAULT_LOG_FORMAT", "text", "`text` or `json`."),
];

/// The reference page, `docs/reference/configuration.md`.
pub fn settings_table() -> String {
    let mut page = String::from(
        "# Settings\n\nEvery setting is an environment variable, or a line in the TOML file that `DOCUVAULT_CONFIG` names (the same name in lower case\n\
         without `DOCUVAULT_`, such as `quota_bytes = 5368709120`). Secrets can also be read from a file: add `_FILE` to the name. An unknown\n\
         `DOCUVAULT_*` name stops the start, with the nearest known one.\n\n| name | default | what |\n| --- | --- | --- |\n",
    );
    for setting in &SETTINGS {
        let default = setting
            .default
            .filter(|value| !value.is_empty())
            .map_or_else(|| "(unset)".to_owned(), |value| format!("`{value}`"));
        let file = if setting.secret {
            " A secret: `_FILE` works too."
        } else {
            ""
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            page,
            "| `{}` | {default} | {}{file} |",
            setting.name, setting.what
        );
    }
    page
}
