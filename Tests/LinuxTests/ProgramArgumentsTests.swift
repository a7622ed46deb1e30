import Linux
import Testing

@Suite struct ProgramArgumentsTests {
  /// What the C library passed is what `/proc/self/cmdline` says, where there is one.
  @Test func `they are those of the process`() {
    #expect(ProgramArguments.all == Array(CommandLine.arguments.dropFirst()))
  }
}
