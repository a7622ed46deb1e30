import ArgumentParser

@main
struct Tinyboxctl: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "tinyboxctl")
}
