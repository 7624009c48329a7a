//! The blocks of code of a page, and the commands of a console block.

use std::ops::Range;

/// A block of code.
#[derive(Debug)]
pub(crate) struct Block {
    /// The first word after the fence; empty for a block without one, and for an indented one.
    pub(crate) kind: String,
    /// What each line begins with, in a list.
    pub(crate) indentation: String,
    /// The index of its first line in the page.
    start: usize,
    /// Its lines, without the indentation.
    content: Vec<String>,
}

/// A command of a console block and what it prints.
#[derive(Debug)]
pub(crate) struct Call {
    /// What is typed.
    pub(crate) command: String,
    /// What is expected to be printed.
    pub(crate) expected: String,
    /// The lines of the page that hold what is printed.
    pub(crate) lines: Range<usize>,
}

impl Block {
    /// Its text.
    pub(crate) fn text(&self) -> String {
        self.content.iter().map(|line| format!("{line}\n")).collect()
    }

    /// Its lines, each with its number in the page.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.content.iter().enumerate().map(|(index, line)| (self.start + index + 1, line.as_str()))
    }
}

/// The fenced blocks of a page, and the lines that are indented by four spaces or more outside of them.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    // The fence that closes the open block.
    let mut fence: Option<&str> = None;
    for (index, line) in text.lines().enumerate() {
        let bare = line.trim_start();
        let indentation = &line[..line.len() - bare.len()];
        let ticks = &bare[..bare.len() - bare.trim_start_matches('`').len()];
        if let Some(open) = fence {
            if bare.trim_end() == ticks && ticks.len() >= open.len() {
                fence = None;
            } else {
                let block = blocks.last_mut().expect("a block is open");
                block.content.push(line.strip_prefix(&block.indentation).unwrap_or(bare).to_owned());
            }
        } else if ticks.len() >= 3 {
            let kind = bare[ticks.len()..].trim().split([' ', ',']).next().unwrap_or_default().to_owned();
            let indentation = indentation.to_owned();
            blocks.push(Block { kind, indentation, start: index + 1, content: Vec::new() });
            fence = Some(ticks);
        } else if indentation.len() >= 4 {
            let content = vec![bare.to_owned()];
            blocks.push(Block { kind: String::new(), indentation: String::new(), start: index, content });
        }
    }
    blocks
}

/// The commands of a console block. A command goes on in the next line after a backslash, and in lines that begin with
/// `> `.
pub(crate) fn calls(block: &Block) -> Result<Vec<Call>, String> {
    let mut calls: Vec<Call> = Vec::new();
    let mut goes_on = false;
    for (number, line) in block.lines() {
        let is_prompted = line.starts_with("> ") && calls.last().is_some_and(|call| call.expected.is_empty());
        if goes_on || is_prompted {
            let call = calls.last_mut().expect("a command is open");
            call.command.push('\n');
            call.command.push_str(line.strip_prefix("> ").unwrap_or(line));
            call.lines = number..number;
            goes_on = line.ends_with('\\');
        } else if let Some(command) = line.strip_prefix("$ ") {
            calls.push(Call { command: command.to_owned(), expected: String::new(), lines: number..number });
            goes_on = line.ends_with('\\');
        } else {
            let call = calls.last_mut().ok_or_else(|| format!("line {number} belongs to no command"))?;
            call.expected.push_str(line);
            call.expected.push('\n');
            call.lines.end = number;
        }
    }
    // Blank lines before the next command are no output.
    for call in &mut calls {
        let printed = call.expected.trim_end().lines().count();
        call.lines.end = call.lines.start + printed;
        call.expected = call.expected.lines().take(printed).map(|line| format!("{line}\n")).collect();
    }
    Ok(calls)
}
