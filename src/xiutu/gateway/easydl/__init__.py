"""EasyDL / BML: private classification services, called as that product's are."""
