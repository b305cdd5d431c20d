//! What a sandboxed child found that it can do, for the health page and for tests.

use serde::{Deserialize, Serialize};

/// Answer of `docuvault-extract --probe`, given from inside the sandbox every reading runs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxReport {
    /// User id the parsers run under.
    pub user_id: u32,
    /// Names of the environment variables the child sees.
    pub environment: Vec<String>,
    /// Whether an IP socket can be opened.
    pub can_open_network_socket: bool,
    /// Whether a local socket can be opened.
    pub can_open_local_socket: bool,
    /// Whether the parent can be sent a signal.
    pub can_signal_parent: bool,
    /// Whether the child can leave its process group, and so escape being killed with it.
    pub can_leave_process_group: bool,
    /// Whether other programs can be started (the OCR program must be, where there is one).
    pub can_start_programs: bool,
    /// Whether a file can be created in the system's folder for temporary files.
    pub can_write_outside_scratch: bool,
    /// Whether a file can be created in the child's own scratch folder (OCR needs it).
    pub can_write_scratch: bool,
    /// Whether the kernel confines the child's file access (Landlock).
    pub file_access_confined: bool,
    /// Address space limit in bytes.
    pub memory_limit_bytes: Option<u64>,
    /// Whether the process can gain privileges by starting another program.
    pub can_gain_privileges: bool,
}
