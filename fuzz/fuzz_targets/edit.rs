#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| calico_ipv6_fuzz::edit(data));
