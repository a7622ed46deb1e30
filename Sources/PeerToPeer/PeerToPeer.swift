/// Whether devices can reach each other without the CPU, and what stands in the way.
public enum PeerToPeer {}
