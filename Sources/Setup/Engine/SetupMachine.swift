package import Base

/// What set-up asks of a box and does to it. Each action may be interrupted at any moment and is then done again:
/// it finds what is done and does the rest.
package protocol SetupMachine {
  /// Serial numbers of machine and board; empty where none can be read.
  func serials() throws(Failure) -> [String]
  /// GPUs, links, what the checks say.
  func hardware() throws(Failure) -> SetupHardware
  /// The clock, seconds since 1970.
  func clockSeconds() -> Int

  /// Name of the profile in force; nil without one.
  func profile() throws(Failure) -> String?
  /// Remembers what the box has.
  /// - Parameters:
  ///   - allowsNone: also a box without a GPU.
  ///   - allowsFailures: also where a check fails.
  func learnProfile(allowsNone: Bool, allowsFailures: Bool) throws(Failure)
  /// Puts a profile that comes with tinybox into force.
  func useProfile(_ name: String) throws(Failure)
  /// Removes the profile in force.
  func forgetProfile() throws(Failure)

  /// The text of a file; nil where there is none.
  func text(_ path: String) throws(Failure) -> String?
  /// Writes a file of root's, whole or not at all, and its folder where that is missing.
  func write(_ text: String, to path: String, mode: UInt32) throws(Failure)
  /// The name of the host that the running kernel has; nil where that is not known.
  func kernelHostName() throws(Failure) -> String?
  /// Gives the running kernel the name of the host.
  func applyHostName(_ name: String) throws(Failure)
  /// Who can log in.
  func access() throws(Failure) -> SetupAccess
  /// Whether there is a default route, and whether names have addresses.
  func network(_ names: [String]) throws(Failure) -> SetupNetwork

  /// The key of the runtime that is installed, complete and in use; nil for none.
  func runtime() throws(Failure) -> String?
  /// The runtime that this version installs: key and title.
  var newestRuntime: (key: String, title: String) { get }
  /// Installs it.
  /// - Parameter wheels: a folder in place of PyPI.
  func installRuntime(wheels: String?) throws(Failure)

  /// Where a model came from; nil where there is none of that name.
  func modelSource(_ name: String) throws(Failure) -> String?
  /// Adds a model.
  func addModel(_ source: String, name: String, sha256: String?) throws(Failure)
  /// Removes what was fetched of a model that was not added.
  func discardModel(_ name: String) throws(Failure)
  /// Why a model does not fit; nil where it does, or that is not known.
  func modelRefusal(_ name: String, context: Int?, gpus: Int) throws(Failure) -> String?

  /// The text of the file of a runtime; nil without one.
  func runtimeFile(_ name: String) throws(Failure) -> String?
  /// Writes it, where the runtime can run.
  func addRuntime(_ name: String, _ text: String) throws(Failure)
  /// Removes it.
  func removeRuntime(_ name: String) throws(Failure)
  /// Starts a runtime, and waits until it answers.
  func startRuntime(_ name: String) throws(Failure)
  /// Whether a runtime answers, or starts with the first request.
  func runtimeAnswers(_ name: String) throws(Failure) -> Bool

  /// Power of each GPU on a card, and what the configuration says of it without a file.
  func power(without file: String) throws(Failure) -> SetupPower
  /// Sets power caps and persistence modes, with their originals in the ledger of the placement. A GPU that is not
  /// there is passed over.
  func setPower(_ settings: [SetupPower.Setting]) throws(Failure)
  /// Removes a file; one that is not there is no mistake.
  func remove(_ path: String) throws(Failure)
  /// Has tinyboxd read its configuration again, where it runs.
  func reloadConfiguration() throws(Failure)

  /// The mark of the last baseline; nil without one.
  func baseline() throws(Failure) -> String?
  /// Measures.
  func measureBaseline() throws(Failure)
  /// When everything was last measured by the timer; nil where it never was.
  func fullBaseline() throws(Failure) -> String?
  /// Whether the timer is enabled that measures everything in idle nights.
  func measuresNightly() throws(Failure) -> Bool
  /// Enables and starts it, or the contrary.
  func measureNightly(_ isOn: Bool) throws(Failure)

  /// Sets up drives; nil where this version does not.
  var drives: (any SetupDrives)? { get }
}

/// Sets up drives. What identifies things later, such as the UUID of a file system, is chosen by `plan`, so that
/// after an interruption what was begun is known from what was there before.
package protocol SetupDrives {
  /// What would be done. Nothing is written.
  /// - Throws: `Failure` with serial number and reason where a drive may not be used.
  func plan(_ answers: SetupAnswers.Storage) throws(Failure) -> SetupPlan.Work
  /// Does it, or what is left of it.
  func apply(_ intent: [String: String]) throws(Failure)
  /// Whether it is done.
  /// - Returns: what was found, in words.
  /// - Throws: `Failure` where it is not.
  func verify(_ intent: [String: String]) throws(Failure) -> [String]
  /// Takes back what was begun, as far as no data of anybody's is lost by it.
  func undo(_ intent: [String: String]) throws(Failure)
}

/// What was read of a box.
package struct SetupHardware: Hashable, Sendable {
  /// A GPU on a card.
  package struct GPU: Hashable, Sendable {
    package enum Vendor: Hashable, Sendable { case amd, nvidia, other }
    /// PCI address.
    package var address: String
    /// What it is called.
    package var name: String
    package var vendor: Vendor
    /// The kernel driver that holds it; nil for none.
    package var driver: String?
    /// PCI device id.
    package var deviceID: UInt16?

    package init(
      address: String, name: String, vendor: Vendor, driver: String?, deviceID: UInt16?
    ) {
      (self.address, self.name, self.vendor) = (address, name, vendor)
      (self.driver, self.deviceID) = (driver, deviceID)
    }
  }

  /// A check that does not pass.
  package struct Finding: Hashable, Sendable {
    /// Its id.
    package var check: String
    /// What is wrong.
    package var text: String
    /// What to do.
    package var advice: String?
    /// Whether it fails; else it warns.
    package var isFailure: Bool

    package init(check: String, text: String, advice: String?, isFailure: Bool) {
      (self.check, self.text, self.advice, self.isFailure) = (check, text, advice, isFailure)
    }
  }

  /// GPUs on cards.
  package var gpus: [GPU] = []
  /// Network interfaces, and whether each has a link; nil where that is not known.
  package var links: [String: Bool?] = [:]
  /// Checks that do not pass.
  package var findings: [Finding] = []
  /// Checks whose facts could not be read.
  package var unknownChecks = 0
  /// Whether there is firmware of amdgpu; nil where that is not known.
  package var hasAMDFirmware: Bool?

  package init() {}
}

/// What was found of the network.
package struct SetupNetwork: Hashable, Sendable {
  /// Whether there is a default route; nil where that is not known.
  package var hasDefaultRoute: Bool?
  /// Why each name that was asked for has no address.
  package var unresolved: [String: String] = [:]

  package init(hasDefaultRoute: Bool?, unresolved: [String: String] = [:]) {
    (self.hasDefaultRoute, self.unresolved) = (hasDefaultRoute, unresolved)
  }
}
