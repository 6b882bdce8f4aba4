//! Text of emitted code, for `--emit=clif` and `--emit=asm`.
//!
//! Cranelift lists instructions as it has them before the last step, which threads jumps through empty blocks and leaves
//! out jumps to what follows. [`tidy`] does the same to the text, so that it shows the code that runs, and calls
//! functions and tables by their names.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::ir::Function;
use cranelift_codegen::{Context, FinalizedMachReloc, FinalizedRelocTarget};

/// Adds a function's CLIF under the name it has in the IR.
pub fn append_clif(text: &mut String, name: &str, function: &Function) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "; {name}\n{}", function.display());
}

/// Adds a compiled function's instructions, as Cranelift's assembler writes them. `symbols` are the names behind
/// Cranelift's numbered ones.
pub fn append_asm(text: &mut String, name: &str, context: &Context, symbols: &[String]) {
    let Some(code) = context.compiled_code() else { return };
    let listing = with_callees(code.vcode.as_deref().unwrap_or_default(), code.buffer.relocs());
    let _ = writeln!(text, "{name}: ; {} bytes\n{}", code.code_info().total_size, tidy(&listing, symbols));
}

/// For AArch64 the listing leaves out whom a call calls; the relocations, in the same order, know.
fn with_callees(listing: &str, relocations: &[FinalizedMachReloc]) -> String {
    let mut calls: Vec<&FinalizedMachReloc> = relocations.iter().filter(|r| r.kind == Reloc::Arm64Call).collect();
    calls.sort_by_key(|r| r.offset);
    let mut calls = calls.into_iter().map(|call| match &call.target {
        FinalizedRelocTarget::ExternalName(name) => name.display(None).to_string(),
        FinalizedRelocTarget::Func(_) => "0".to_string(),
    });
    let mut text = String::new();
    for line in listing.lines() {
        let callee = if line.trim() == "bl 0" { calls.next() } else { None };
        let _ = match callee {
            Some(callee) => writeln!(text, "  bl {callee}"),
            None => writeln!(text, "{line}"),
        };
    }
    text
}

/// A basic block of a listing.
struct Block<'a> {
    label: Option<u32>,
    lines: Vec<&'a str>,
    end: End<'a>,
}

/// Where control goes from the end of a block.
enum End<'a> {
    /// The last line says it.
    None,
    Jump(u32),
    Branch {
        instruction: &'a str,
        taken: u32,
        otherwise: u32,
    },
}

/// The listing without what is no instruction, with jumps as they are in the code.
fn tidy(listing: &str, symbols: &[String]) -> String {
    let mut blocks = blocks(listing);
    let empty: BTreeMap<u32, u32> = blocks
        .iter()
        .filter_map(|b| match (b.label, &b.end) {
            (Some(label), End::Jump(target)) if b.lines.is_empty() => Some((label, *target)),
            _ => None,
        })
        .collect();
    for block in &mut blocks {
        match &mut block.end {
            End::None => {}
            End::Jump(target) => *target = thread(&empty, *target),
            End::Branch { taken, otherwise, .. } => {
                (*taken, *otherwise) = (thread(&empty, *taken), thread(&empty, *otherwise));
            }
        }
    }
    blocks.retain(|b| b.label.is_none_or(|label| thread(&empty, label) == label));
    write(&blocks, symbols)
}

/// Where a jump to a block ends up.
fn thread(empty: &BTreeMap<u32, u32>, label: u32) -> u32 {
    let mut at = label;
    for _ in 0..=empty.len() {
        match empty.get(&at) {
            Some(&next) => at = next,
            None => return at,
        }
    }
    // A ring of empty blocks, which is a loop that does nothing.
    label
}

fn blocks(listing: &str) -> Vec<Block<'_>> {
    let mut blocks = vec![Block { label: None, lines: Vec::new(), end: End::None }];
    for line in listing.lines() {
        let line = line.trim();
        let label = line.strip_prefix("block").and_then(|l| l.strip_suffix(':')).and_then(|n| n.parse().ok());
        if label.is_some() {
            blocks.push(Block { label, lines: Vec::new(), end: End::None });
            continue;
        }
        // Notes to Cranelift itself, which are no code.
        if line.is_empty() || line.starts_with("unwind ") || line.starts_with("uninit ") {
            continue;
        }
        let Some(block) = blocks.last_mut() else { continue };
        match end(line) {
            End::None => block.lines.push(line),
            end => block.end = end,
        }
    }
    blocks
}

/// What a line says about where control goes.
fn end(line: &str) -> End<'_> {
    let jump = |text: &str| {
        let (word, target) = text.trim().split_once(' ')?;
        matches!(word, "j" | "jmp" | "b").then(|| label(target))?
    };
    if let Some(target) = jump(line) {
        return End::Jump(target);
    }
    let branch = || {
        let (first, second) = line.split_once(';')?;
        let (instruction, taken) = first.trim().rsplit_once(' ')?;
        Some(End::Branch { instruction: instruction.trim_end(), taken: label(taken)?, otherwise: jump(second)? })
    };
    branch().unwrap_or(End::None)
}

fn label(text: &str) -> Option<u32> {
    text.trim().strip_prefix("label")?.parse().ok()
}

fn write(blocks: &[Block<'_>], symbols: &[String]) -> String {
    let mut text = String::new();
    let jumps: Vec<Vec<(String, u32)>> = blocks
        .iter()
        .enumerate()
        .map(|(i, block)| jumps(&block.end, blocks.get(i + 1).and_then(|b| b.label)))
        .collect();
    let targets: BTreeSet<u32> = jumps.iter().flatten().map(|(_, target)| *target).collect();
    for (block, jumps) in blocks.iter().zip(&jumps) {
        if let Some(label) = block.label.filter(|l| targets.contains(l)) {
            let _ = writeln!(text, "label{label}:");
        }
        for line in &block.lines {
            // The place of spilled values in the frame.
            let line = line.replace("<offset:1>", "slots");
            let _ = writeln!(text, "  {}", named(&spaced(&line), symbols));
        }
        for (instruction, target) in jumps {
            let _ = writeln!(text, "  {} label{target}", spaced(instruction));
        }
    }
    text
}

/// The jumps at the end of a block that `next` follows.
fn jumps(end: &End<'_>, next: Option<u32>) -> Vec<(String, u32)> {
    let jump = |target| (next != Some(target)).then(|| ("jump".to_string(), target));
    match *end {
        End::None => Vec::new(),
        End::Jump(target) => jump(target).into_iter().collect(),
        End::Branch { instruction, taken, otherwise } => {
            let inverse = if next == Some(taken) { inverse(instruction) } else { None };
            let (instruction, taken, otherwise) = match inverse {
                Some(inverse) => (inverse, otherwise, taken),
                None => (instruction.to_string(), taken, otherwise),
            };
            std::iter::once((instruction, taken)).chain(jump(otherwise)).collect()
        }
    }
}

/// The instruction of the opposite condition.
fn inverse(instruction: &str) -> Option<String> {
    let (word, rest) = instruction.split_once(' ').unwrap_or((instruction, ""));
    let pairs = [("cbz", "cbnz"), ("tbz", "tbnz"), ("b.eq", "b.ne"), ("b.lt", "b.ge"), ("b.gt", "b.le")];
    let more = [("b.lo", "b.hs"), ("b.hi", "b.ls"), ("b.mi", "b.pl"), ("b.vs", "b.vc")];
    let pair = pairs.iter().chain(&more).find(|(a, b)| [*a, *b].contains(&word));
    let opposite = match (pair, word.strip_prefix("jn"), word.strip_prefix('j')) {
        (Some((a, b)), ..) => (if word == *a { *b } else { *a }).to_string(),
        // Two jumps, one after the other.
        _ if word.contains(',') => return None,
        (None, Some(positive), _) => format!("j{positive}"),
        (None, None, Some(condition)) => format!("jn{condition}"),
        (None, None, None) => return None,
    };
    Some(format!("{opposite} {rest}").trim_end().to_string())
}

/// With one blank between words.
fn spaced(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// With names for numbers: Cranelift writes `User(userextname0)` and `userextname0+0`.
fn named(line: &str, symbols: &[String]) -> String {
    const MARK: &str = "userextname";
    let Some((before, after)) = line.split_once(MARK) else { return line.to_string() };
    let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, after) = after.split_at(digits);
    let Some(symbol) = number.parse().ok().and_then(|n: usize| symbols.get(n)) else { return line.to_string() };
    match (before.strip_suffix("User("), after.strip_prefix(')')) {
        (Some(before), Some(after)) => format!("{before}{symbol}{after}"),
        _ => format!("{before}{symbol}{}", after.strip_prefix("+0").unwrap_or(after)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listings_show_the_code_that_runs() {
        let listing = "  pushq %rbp\n  unwind PushFrameRegs\nblock0:\n  testl %edx, %edx\n  jnle    label2; j label1\n\
            block1:\n  jmp     label4\nblock2:\n  uninit  %r10\n  call    User(userextname1)\n  jl      label2; j label3\n\
            block3:\n  jmp     label4\nblock4:\n  load_ext_name userextname0+0, %rcx\n  retq\n";
        let symbols = ["table".to_string(), "exp.2".to_string()];
        let expected = "  pushq %rbp\n  testl %edx, %edx\n  jle label4\nlabel2:\n  call exp.2\n  jl label2\n\
            label4:\n  load_ext_name table, %rcx\n  retq\n";
        assert_eq!(tidy(listing, &symbols), expected);
    }

    #[test]
    fn branches_of_both_architectures() {
        let listing = "block0:\n  cbz x0, label1 ; b label2\nblock1:\n  b.mi label1 ; b label2\nblock2:\n  ret\n";
        assert_eq!(tidy(listing, &[]), "  cbnz x0, label2\nlabel1:\n  b.mi label1\nlabel2:\n  ret\n");
        let listing = "block0:\n  jnz,jp  label1; j label2\nblock1:\n  ret\nblock2:\n  jmp     label2\n";
        let expected = "  jnz,jp label1\n  jump label2\nlabel1:\n  ret\nlabel2:\n  jump label2\n";
        assert_eq!(tidy(listing, &[]), expected);
    }
}
