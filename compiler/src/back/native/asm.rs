//! Text of emitted code, for `--emit=clif` and `--emit=asm`.

use std::fmt::Write as _;

use cranelift_codegen::Context;
use cranelift_codegen::ir::Function;

/// Adds a function's CLIF under the name it has in the IR.
pub fn append_clif(text: &mut String, name: &str, function: &Function) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "; {name}\n{}", function.display());
}

/// Adds a compiled function's instructions, as Cranelift's assembler writes them.
pub fn append_asm(text: &mut String, name: &str, context: &Context) {
    let Some(code) = context.compiled_code() else { return };
    let listing = code.vcode.as_deref().unwrap_or_default();
    let _ = writeln!(text, "{name}: ; {} bytes\n{listing}", code.code_info().total_size);
}
