package import Inventory

extension Profile {
  /// What the profile expects of a device's slot link, never more than the card can do; nil when
  /// the profile does not mention the device.
  /// - Parameter slot: the slot link of the device's path.
  package func expectedLink(of function: PCIFunction, over slot: PCIeHop) -> PCIeRate? {
    guard var expected = LinkJudge.expected(self, function) else { return nil }
    if let card = slot.deviceMaximum {
      expected.width = min(expected.width, card.width)
      expected.gigatransfersPerSecond = min(
        expected.gigatransfersPerSecond, card.gigatransfersPerSecond)
    }
    return expected
  }
}
