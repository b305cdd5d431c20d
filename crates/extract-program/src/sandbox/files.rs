//! Which files the process may still touch: its scratch folder, and what the OCR program is made of.

use docuvault_extract::protocol::OcrProgram;
use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};

const LANDLOCK: ABI = ABI::V6;

/// Confines file access where the kernel can; says whether it did.
pub fn confine(ocr: Option<&OcrProgram>) -> bool {
    restrict(ocr).is_ok_and(|status| status != RulesetStatus::NotEnforced)
}

fn restrict(ocr: Option<&OcrProgram>) -> Result<RulesetStatus, RulesetError> {
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(LANDLOCK))?
        .handle_access(AccessNet::from_all(LANDLOCK))?
        .scope(Scope::from_all(LANDLOCK))?
        .create()?
        .add_rules(path_beneath_rules(["."], AccessFs::from_all(LANDLOCK)))?
        .add_rules(path_beneath_rules(
            ["/dev/null"],
            AccessFs::ReadFile | AccessFs::WriteFile,
        ))?
        .add_rules(path_beneath_rules(["/dev/urandom"], AccessFs::ReadFile))?
        .add_rules(path_beneath_rules(
            program_paths(ocr),
            AccessFs::from_read(LANDLOCK),
        ))?;
    Ok(ruleset.restrict_self()?.ruleset)
}

fn program_paths(ocr: Option<&OcrProgram>) -> Vec<std::path::PathBuf> {
    let Some(ocr) = ocr else { return Vec::new() };
    let mut paths = ["/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache"]
        .map(Into::into)
        .to_vec();
    let prefix = ocr.program.parent().and_then(|folder| folder.parent());
    paths.extend(ocr.program.parent().map(Into::into));
    paths.extend(prefix.map(|prefix| prefix.join("lib")));
    paths.extend(ocr.data_directory.clone());
    paths
}
