internal import CLinux
internal import Glibc

/// The arguments of this program, without its name.
///
/// Every program takes them from here: `CommandLine` reads `/proc/self/cmdline`, and where no `/proc`
/// is mounted a program without arguments would run in place of the one that was asked for.
package enum ProgramArguments {
  /// The arguments. Ends the program where they are not known.
  package static let all: [String] = {
    // The kernel passes at least the program's name since Linux 5.18 (fs/exec.c).
    guard let vector = unsafe tbx_arguments(), unsafe vector[0] != nil else {
      try? Terminal.write("the arguments of this program are not known\n", to: 2)
      exit(1)
    }
    var arguments: [String] = []
    while let text = unsafe vector[arguments.count + 1] {
      arguments.append(unsafe String(cString: text))
    }
    return arguments
  }()
}
