"""The AWS resources of a stage as CloudFormation, and the code that packages and deploys the application."""
