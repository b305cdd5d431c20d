//! Which system calls fail from now on, here and in whatever this process starts.
//!
//! A list of what is denied, not of what is allowed: the OCR program and the C library change from one machine to the
//! next, and a call they lately need must not make documents unreadable.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, apply_filter,
};

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// On x86-64 every call has a second number for a little used mode with 32-bit pointers.
#[cfg(target_arch = "x86_64")]
const X32_BIT: i64 = 0x4000_0000;

/// Talking to others: the network, local sockets, other processes.
const TALK: [i64; 14] = [
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_tkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
];

/// Escaping: out of the process group (and so from being killed with it), or by way of rarely used kernel parts.
const ESCAPE: [i64; 26] = [
    libc::SYS_setsid,
    libc::SYS_setpgid,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_chroot,
    libc::SYS_pivot_root,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_execveat,
    libc::SYS_memfd_create,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_fanotify_init,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_kexec_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_personality,
    libc::SYS_reboot,
];

/// Denies the calls; without the OCR program, starting any program is one of them.
pub fn deny(may_start_programs: bool) {
    // New threads come by `clone`, whose flags a filter can see, when `clone3`, whose flags it cannot, is unknown.
    let unknown = [libc::SYS_clone3, libc::SYS_io_uring_setup];
    let unknown = unknown.map(|call| (call, Vec::new()));
    for (rules, error) in [
        (denied(may_start_programs), libc::EPERM),
        (Rules::from(unknown), libc::ENOSYS),
    ] {
        if let Some(program) = compile(with_second_numbers(rules), error) {
            let _ = apply_filter(&program);
        }
    }
}

fn denied(may_start_programs: bool) -> Rules {
    let mut rules: Rules = TALK
        .into_iter()
        .chain(ESCAPE)
        .map(|call| (call, Vec::new()))
        .collect();
    if !may_start_programs {
        rules.insert(libc::SYS_execve, Vec::new());
    }
    // Signals may go to the own process group (number 0) and, from `abort`, to the own threads.
    insert(&mut rules, libc::SYS_kill, SeccompCmpOp::Ne, 0);
    insert(
        &mut rules,
        libc::SYS_tgkill,
        SeccompCmpOp::Ne,
        u64::from(std::process::id()),
    );
    let new_user = libc::CLONE_NEWUSER.cast_unsigned().into();
    insert(
        &mut rules,
        libc::SYS_clone,
        SeccompCmpOp::MaskedEq(new_user),
        new_user,
    );
    rules
}

fn insert(rules: &mut Rules, call: i64, operator: SeccompCmpOp, value: u64) {
    let condition = SeccompCondition::new(0, SeccompCmpArgLen::Dword, operator, value);
    let rule = condition.and_then(|condition| SeccompRule::new(vec![condition]));
    rules.insert(call, rule.into_iter().collect());
}

fn with_second_numbers(rules: Rules) -> Rules {
    #[cfg(target_arch = "x86_64")]
    let rules = rules
        .into_iter()
        .flat_map(|(call, rule)| [(call | X32_BIT, rule.clone()), (call, rule)])
        .collect();
    rules
}

fn compile(rules: Rules, error: i32) -> Option<BpfProgram> {
    let architecture = std::env::consts::ARCH.try_into().ok()?;
    let denial = SeccompAction::Errno(error.cast_unsigned());
    SeccompFilter::new(rules, SeccompAction::Allow, denial, architecture)
        .ok()?
        .try_into()
        .ok()
}
