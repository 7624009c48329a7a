//! `generate`: new files from a target alone.

use crate::Exit;
use crate::args::{Generate, YamlFormat};
use crate::clusters::{BadTarget, config_here};
use crate::command::{
    Verbosity, bad_target, fail, fail_to_write, is_told, missing_option, print_file, print_json, print_text,
    say, warn,
};
use crate::config::{Printed, document};
use crate::findings::Findings;
use crate::output::{Request, Staged};
use crate::people::{Text, name, shown, text};
use calico_ipv6_data::Generation;
use calico_ipv6_engine::generate::{File, KINDS, generate};
use calico_ipv6_engine::output::excerpt::Excerpts;
use calico_ipv6_engine::rules::Diagnostic;
use calico_ipv6_engine::transform::Outcome;
use std::path::Path;

pub(crate) fn run(args: &Generate, verbosity: Verbosity) -> Exit {
    let config = match config_here(&args.target) {
        Ok(config) => config,
        Err(message) => return fail(message),
    };
    if args.target.print_config {
        let printed =
            Printed { clusters: Text::default(), config: config.as_ref(), takes_stack_of_files: false };
        return print_text(&document(&args.target, &[printed]));
    }
    let target = match args.target.resolve(config.as_ref(), None) {
        Ok(target) => target,
        Err(wrong) => return bad_target(&BadTarget::Options(wrong), "generate"),
    };
    // Each kind once, in the order of the table.
    let kinds: Vec<_> = KINDS.iter().filter(|kind| args.kinds.iter().any(|name| name == kind.name)).collect();
    let made = generate(&kinds, &target);
    let outcome = made.outcome();
    let exit = match outcome {
        Outcome::NeedsInput => Exit::Bad,
        Outcome::Refused => Exit::Incomplete,
        _ => Exit::Done,
    };
    for error in &made.problems {
        say!("error: {}\n", shown(&error.to_string()));
    }
    for (name, question) in &made.missing_options {
        say!("{}", missing_option(&shown(name), "", question));
    }
    let mut findings = Findings::new(verbosity.verbose);
    for file in &made.files {
        let excerpts = Excerpts::new(&file.text);
        for finding in file.diagnostics.iter().filter(|f| is_told(f.severity, verbosity, exit != Exit::Done))
        {
            findings.add(&file.name, &excerpts, finding);
        }
        if file.diagnostics.iter().any(Diagnostic::blocks) {
            findings.note(&text!("{}: nothing was written\n", shown(&file.name)));
        }
    }
    say!("{}", findings.report());
    if args.output == YamlFormat::Json {
        let printed = print_json(&Generation::from(made));
        return if printed == Exit::Done { exit } else { printed };
    }
    if exit != Exit::Done {
        return exit;
    }
    match &args.output_dir {
        Some(folder) => write(&made.files, folder, verbosity),
        None => print_file(stream(&made.files).as_bytes()),
    }
}

/// All files as one stream. Each of several files begins with its name.
fn stream(files: &[File]) -> String {
    match files {
        [file] => file.text.clone(),
        files => {
            let named: Vec<String> =
                files.iter().map(|file| format!("# {}\n{}", file.name, file.text)).collect();
            named.join("---\n")
        }
    }
}

fn write(files: &[File], folder: &Path, verbosity: Verbosity) -> Exit {
    let request = |file: &File| Request::create(folder.join(&file.name), file.text.clone());
    let mut staged = Staged::default();
    let written = staged.add(files.iter().map(request).collect()).and_then(|()| staged.commit());
    let notes = match written {
        Ok(notes) => notes,
        Err(failure) => return fail_to_write(&failure),
    };
    if !verbosity.quiet {
        notes.iter().for_each(|note| warn(note));
        for file in files {
            say!("{}\n", shown(&name(&folder.join(&file.name))));
        }
    }
    Exit::Done
}
