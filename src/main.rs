//! Arguments in, exit code out.

fn main() -> std::process::ExitCode {
    baosong::cli::main()
}
