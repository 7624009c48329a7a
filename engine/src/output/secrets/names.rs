//! Which names are names of secrets.

/// Last words of the names of secrets.
const WORDS: [&str; 16] = [
    "pass",
    "passcode",
    "pw",
    "tokens",
    "passwords",
    "secrets",
    "auth",
    "authorization",
    "bearer",
    "cookie",
    "jwt",
    "psk",
    "sig",
    "signature",
    "dockercfg",
    "dockerconfigjson",
];

/// Ends of the last words of the names of secrets: `PGPASSWORD`, `authtoken`.
const ENDS: [&str; 9] =
    ["token", "password", "passwd", "passphrase", "pwd", "secret", "credential", "credentials", "sshkey"];

/// Last words of the names of secrets if another word precedes them: `client-key-data`, `encryptionKey`, `tls.key`.
const LAST_WORDS: [&str; 3] = ["data", "key", "keys"];

/// Last words of the names of secrets that are written without a space: `apikey`, `privkey`.
const KEYS: [&str; 6] = ["apikey", "authkey", "hostkey", "privatekey", "privkey", "accesskey"];

/// Names that end in a word of secrets and are none: of a label, of fields that a pod has, and of the names in kubespray's
/// certificates.
const OTHERS: [&str; 4] =
    ["topologyKey", "topology.key", "matchLabelKeys", "supplementary_addresses_in_ssl_keys"];

/// Whether a key, a flag or a variable names a secret.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    if OTHERS.contains(&name) {
        return false;
    }
    let (before, last) = last_word(name);
    // Most words of a text are short: `pw` is the shortest of all.
    if last.len() < 2 {
        return false;
    }
    let is = |word: &&str| last.eq_ignore_ascii_case(word);
    let ends = |end: &&str| {
        let start = last.len().checked_sub(end.len());
        start.is_some_and(|start| last.as_bytes()[start..].eq_ignore_ascii_case(end.as_bytes()))
    };
    WORDS.iter().any(is)
        || KEYS.iter().any(is)
        || ENDS.iter().any(ends)
        || (LAST_WORDS.iter().any(is) && before.contains(is_part))
}

/// Pieces of the names of secrets, as they remain where a text is broken: only letters and digits, in lower case.
const PIECES: [&str; 20] = [
    "pass",
    "pwd",
    "token",
    "secret",
    "credential",
    "auth",
    "bearer",
    "cookie",
    "jwt",
    "psk",
    "signature",
    "dockerc",
    "keydata",
    "sshkey",
    "tlskey",
    "apikey",
    "hostkey",
    "privatekey",
    "privkey",
    "encryptionkey",
];

/// Whether a text without syntax may name a secret, also with a name that other characters split: `pass"word`.
#[must_use]
pub(super) fn may_name_secrets(text: &str) -> bool {
    let letters = text.chars().filter(char::is_ascii_alphanumeric);
    let letters: String = letters.map(|c| c.to_ascii_lowercase()).collect();
    PIECES.iter().any(|piece| letters.contains(piece))
}

/// Whether a path of fields leads to a secret: only its last name is relevant.
#[must_use]
pub(super) fn is_secret_path(path: &str) -> bool {
    let field = path.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, ']' | '['));
    is_secret_name(field.rsplit(['.', '/', '[']).next().unwrap_or_default())
}

/// The names of secrets are ASCII. Tables of all letters and their lower case weigh 10 KiB in a browser.
fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || !c.is_ascii()
}

/// The last word of `client-key-data`, `DB_PASSWORD` or `apiKey`, and what precedes it.
fn last_word(name: &str) -> (&str, &str) {
    let name = name.trim_end_matches(|c| !is_part(c));
    let mut start = name.len();
    let mut characters = name.char_indices().rev().peekable();
    while let Some((at, c)) = characters.next() {
        if !is_part(c) {
            break;
        }
        start = at;
        // `apiKey` is two words, `APIKEY` is one.
        let is_lower = |(_, c): &(usize, char)| c.is_ascii_lowercase() || c.is_ascii_digit();
        if c.is_ascii_uppercase() && characters.peek().is_some_and(is_lower) {
            break;
        }
    }
    name.split_at(start)
}

#[cfg(test)]
mod tests {
    use super::{is_secret_name, is_secret_path, may_name_secrets};

    #[test]
    fn names_of_secrets() {
        for name in [
            "token",
            "DB_PASSWORD",
            "PGPASSWORD",
            "client-key-data",
            "certificate-authority-data",
            "encryptionKey",
            "sshAuthorizedKeys",
            "tls.key",
            "pullSecret",
            ".dockerconfigjson",
            "--etcd-password",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["podSubnet", "data", "key", "secretName", "tokenFile", "IP6", "topologyKey", "server"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn names_in_a_text_without_syntax() {
        for text in ["- pass\"word: x", "TO KEN x", "kind: Secret", "client-key-\n data: x"] {
            assert!(may_name_secrets(text), "{text}");
        }
        for text in ["name: calico-config", "  cidr 10.244.0.0/16", "natOutgoing: Enabled"] {
            assert!(!may_name_secrets(text), "{text}");
        }
    }

    #[test]
    fn the_last_name_of_a_path_counts() {
        for path in ["users[0].user.token", "tokens[2]", "stringData/password"] {
            assert!(is_secret_path(path), "{path}");
        }
        for path in ["token.server", "clusters[0].cluster.server", "a.key"] {
            assert!(!is_secret_path(path), "{path}");
        }
    }
}
