// The kernel settings of the namespaces that a VPC is made of: its router's, and its interfaces'.

export const NO_IPV6 = { 'ipv6/conf/all/disable_ipv6': '1', 'ipv6/conf/default/disable_ipv6': '1' }
export const ROUTER_SETTINGS = {
  ...NO_IPV6,
  'ipv4/ip_forward': '1',
  'ipv4/conf/all/proxy_arp': '1',
  'ipv4/conf/default/proxy_arp': '1',
  // Strict: a packet whose source would not be routed back to the same link is dropped.
  'ipv4/conf/all/rp_filter': '1',
  'ipv4/conf/default/rp_filter': '1',
  'ipv4/conf/all/send_redirects': '0',
  'ipv4/conf/default/send_redirects': '0',
  'ipv4/conf/all/accept_redirects': '0',
  'ipv4/conf/default/accept_redirects': '0',
}

/** Every neighbour is told of, none is asked for: there is nothing to solicit and nothing to announce. */
export const IPV6_ON = {
  'ipv6/conf/all/disable_ipv6': '0',
  'ipv6/conf/default/disable_ipv6': '0',
  'ipv6/conf/all/accept_ra': '0',
  'ipv6/conf/default/accept_ra': '0',
  'ipv6/conf/all/accept_redirects': '0',
  'ipv6/conf/default/accept_redirects': '0',
  'ipv6/conf/default/accept_dad': '0',
}
export const IPV6_ROUTER = { ...IPV6_ON, 'ipv6/conf/all/forwarding': '1', 'ipv6/conf/default/forwarding': '1' }
