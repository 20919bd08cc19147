"""Faults that hit a share of the requests at random. Needs KAKEHASHI_BIN_DIR."""

import unittest

import platform_sim_test


class ShareTest(platform_sim_test.PlatformSimTest):
    def test_share_chooses_requests_at_random_and_the_same_ones_again(self):
        def refused(*specs):
            self.platform.misbehave(*specs)
            connection = self.connect()
            return [self.put(connection=connection).status == 503 for _ in range(150)]

        first = refused("status:code=503:share=20")
        self.assertTrue(15 <= sum(first) <= 45, f"{sum(first)} of 150 at 20 %")
        self.assertEqual(refused("status:code=503:share=20"), first)
        self.assertNotEqual(refused("status:code=503:share=20:seed=2"), first)
        self.assertTrue(all(refused("status:code=503:share=100")))

    def test_two_shares_do_not_choose_the_same_requests(self):
        self.platform.misbehave("status:code=503:share=50", "status:code=429:share=50")
        connection = self.connect()
        seen = {self.put(connection=connection).status for _ in range(60)}
        self.assertGreaterEqual(seen, {200, 429, 503})


if __name__ == "__main__":
    unittest.main()
