//! What Garage needs before it serves: a configuration, a layout of one node, a bucket, a key, and who may come from where.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use rusty_s3::{Bucket, Credentials, Map, Method, UrlStyle, signing::sign};

use crate::{ACCESS_KEY, BUCKET, DOWNLOAD_KEY, SECRET_KEY, UPLOAD_KEY, server};

const START_LIMIT: Duration = Duration::from_mins(1);
const TRY_EVERY: Duration = Duration::from_millis(100);
const SIGNATURE_SECONDS: u64 = 300;

/// Written once: a restart finds the same ports.
pub fn write_config(folder: &Path, port: u16) -> anyhow::Result<PathBuf> {
    let path = folder.join("garage.toml");
    if path.exists() {
        return Ok(path);
    }
    let rpc = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let [meta, data] = ["meta", "data"].map(|name| folder.join(name).display().to_string());
    let text = format!(
        "metadata_dir = \"{meta}\"\ndata_dir = \"{data}\"\ndb_engine = \"sqlite\"\nreplication_factor = 1\n\
         rpc_bind_addr = \"{rpc}\"\nrpc_public_addr = \"{rpc}\"\nrpc_secret = \"{SECRET_KEY}\"\n\n\
         [s3_api]\ns3_region = \"garage\"\napi_bind_addr = \"127.0.0.1:{port}\"\nroot_domain = \".s3.test\"\n"
    );
    fs::write(&path, text)?;
    Ok(path)
}

pub fn prepare(program: &Path, folder: &Path, port: u16, origin: &str) -> anyhow::Result<()> {
    let garage = |arguments: &[&str]| -> anyhow::Result<String> {
        let output = Command::new(program)
            .arg("-c")
            .arg(folder.join("garage.toml"))
            .args(arguments)
            .output()?;
        if !output.status.success() {
            bail!(
                "garage {arguments:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let deadline = Instant::now() + START_LIMIT;
    let node = loop {
        match garage(&["node", "id", "-q"]).and_then(|id| {
            garage(&["status"])?;
            Ok(id)
        }) {
            Ok(id) => break id,
            Err(_) if Instant::now() < deadline => std::thread::sleep(TRY_EVERY),
            Err(error) => return Err(error),
        }
    };
    let node = node
        .trim()
        .split('@')
        .next()
        .context("no node id")?
        .to_owned();
    garage(&["layout", "assign", "-z", "test", "-c", "100G", &node])?;
    garage(&["layout", "apply", "--version", "1"])?;
    garage(&["bucket", "create", BUCKET])?;
    let keys: [(&str, [&str; 2], &[&str]); 3] = [
        (
            "docuvault",
            [ACCESS_KEY, SECRET_KEY],
            &["--read", "--write", "--owner"],
        ),
        ("uploads", UPLOAD_KEY, &["--write"]),
        ("downloads", DOWNLOAD_KEY, &["--read"]),
    ];
    for (name, [access, secret], rights) in keys {
        garage(&["key", "import", "--yes", "-n", name, access, secret])?;
        garage(&[&["bucket", "allow"], rights, &[BUCKET, "--key", access]].concat())?;
    }
    allow_pages_of(origin, port)
}

/// The bucket's own rules on which pages may use it.
fn allow_pages_of(origin: &str, port: u16) -> anyhow::Result<()> {
    let rules = format!(
        "<CORSConfiguration><CORSRule><AllowedOrigin>{origin}</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>\
         <AllowedMethod>HEAD</AllowedMethod><AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader><ExposeHeader>Content-Range</ExposeHeader>\
         <MaxAgeSeconds>3600</MaxAgeSeconds></CORSRule></CORSConfiguration>"
    );
    let endpoint = format!("http://127.0.0.1:{port}").parse()?;
    let bucket = Bucket::new(endpoint, UrlStyle::Path, BUCKET, "garage")
        .context("not an address of a bucket")?;
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY);
    let mut query = Map::new();
    query.insert("cors", "");
    let url = sign(
        &jiff::Timestamp::now(),
        Method::Put,
        bucket.base_url().clone(),
        credentials.key(),
        credentials.secret(),
        None,
        "garage",
        SIGNATURE_SECONDS,
        query.iter(),
        std::iter::empty(),
    );
    match server::put(&url, &[], rules.as_bytes())? {
        200 => Ok(()),
        status => bail!("setting the rules for pages was answered {status}"),
    }
}
