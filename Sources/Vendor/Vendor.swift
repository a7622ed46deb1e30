// Vendor
