internal import Base
internal import Inventory

/// A slot that allows less than the device in it could use.
///
/// No fault of the link: it runs at what both ends can do. What a device could use is another thing
/// for each kind: a GPU takes what its own end can, a network interface what its ports carry, a
/// drive all its lanes. Older generations are usual below drives and are not reported.
struct SlotLimit {
  /// One line.
  var summary: String
  /// What is lost, with the arithmetic.
  var consequence: String
}

extension LinkJudge {
  /// What the slot keeps from the device, in this dimension; nil when nothing, when the profile
  /// expects it, or in a guest, whose slots the hypervisor makes up.
  ///
  /// A slot that is both narrower and older is reported once, with the lanes.
  func slotLimit(_ hop: PCIeHop, _ possible: PCIeRate) -> SlotLimit? {
    guard let card = hop.deviceMaximum, !box.isVirtual,
      box.profile?.expectedLink(of: function, over: hop) == nil,
      dimension == (card.width > possible.width ? .width : .speed),
      card.bytesPerSecond > possible.bytesPerSecond
    else { return nil }
    let isServer = box.audiences.contains(.server)
    let slot = dimension.text(possible)
    if let ports = portBitsPerSecond {
      // Ports that the link can feed lack nothing, whatever the card could do.
      let link = possible.bytesPerSecond * 8
      guard ports > link else { return nil }
      return SlotLimit(
        summary: "slot has \(slot), too little for \(Units.bitRate(ports)) of its ports",
        consequence: "\(possible.description) carries \(Units.bitRate(link)) one way after line "
          + "encoding, \(Text.percent(link / ports)) of what the ports do; the card can "
          + card.description)
    }
    guard isServer else { return nil }
    switch box.kind(of: function.address) {
    case .gpu, .accelerator: break
    case .drive where dimension == .speed: return nil
    case .drive: break
    // Ports of unknown speed: cards of this rate are made for 100 Gb/s and more.
    case .nic:
      let large = PCIeRate(gigatransfersPerSecond: 8, width: 16).bytesPerSecond
      if card.bytesPerSecond < large || possible.bytesPerSecond * 2 > card.bytesPerSecond {
        return nil
      }
    case .display, .unknownDisplay, .other: return nil
    }
    return SlotLimit(
      summary: "slot has \(slot), the card can \(dimension.text(card))",
      consequence: "\(Text.rate(possible.bytesPerSecond)) of \(Text.rate(card.bytesPerSecond)) "
        + "one way after line encoding "
        + "(\(Text.percent(possible.bytesPerSecond / card.bytesPerSecond)))")
  }

  /// What the ports of the card carry together, bits a second; nil when the speed of no port is
  /// known.
  ///
  /// The functions of a card share its link. Of the interfaces of one function the fastest counts:
  /// others may be made of the same port.
  private var portBitsPerSecond: Double? {
    var byFunction: [UInt8: Int] = [:]
    for nic in box.inventory.nics where !nic.isVirtualFunction {
      guard var address = nic.address, let speed = nic.speedBitsPerSecond, speed > 0 else {
        continue
      }
      let number = address.function
      address.function = function.address.function
      if address == function.address { byFunction[number] = max(byFunction[number] ?? 0, speed) }
    }
    return byFunction.isEmpty ? nil : byFunction.values.reduce(0) { $0 + Double($1) }
  }
}
